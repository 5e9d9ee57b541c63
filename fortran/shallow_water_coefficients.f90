! What a shallow-water step owes to the coefficients of its equations: drag cd, lateral friction ah, implicitness wimp.
!
! With uq, vq the estimated velocities and S the source of elevation (see semi_implicit_system), a small change of a
! coefficient at a fixed state adds
!   cd:   -dt/h*u*abs(u) to uq, and alike to vq
!   ah:   dt*(d2u/dx2 + d2u/dy2) to uq, and alike to vq
!   wimp: dt*(C(u') - C(u)) - dt*g*d(dz)/dx + dt*(tau(new) - tau(old))/(density*h) to uq, alike to vq,
!         -dt*D(h*(u' - u)) to S
! times the change: as wimp weighs new against old velocities, the part of the slope that dz makes, and the wind's times
! (C Coriolis, D divergence, dz = zeta' - zeta). The tangent-linear step adds these fields, the adjoint
! takes their products with what belongs to uq, vq and S: the one is the other's transpose.
! The module shallow_water_derivatives is the only user.
module shallow_water_coefficients
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use semi_implicit_loops
  use shallow_water_types
  use shallow_water_forcing
  use shallow_water_workspace
  implicit none
  private
  public :: add_coefficients, coefficient_gradients

contains

  ! Adds to estimates and source what changes of the coefficients do to them.
  subroutine add_coefficients(p, w, step, change, uq_tl, vq_tl, source_tl, forcing)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(inout)  :: w                                        ! after the step; cu, cv are work
    integer, intent(in)             :: step                                     ! number of the state, for the wind
    type(sw_coefficients), intent(in) :: change
    real(dp), intent(inout), dimension(0:p%nx+1,0:p%ny+1) :: uq_tl, vq_tl       ! m/s
    real(dp), intent(inout) :: source_tl(0:p%nx+1,0:p%ny+1)                     ! m
    type(sw_forcing), intent(in), optional :: forcing
    real(dp), allocatable, dimension(:,:) :: qu, qv, qs

    allocate (qu, qv, qs, mold=w%wet)
    call of_drag(p, w, qu, qv)
    call add_multiple(p%nx, p%ny, change%cd, qu, uq_tl)
    call add_multiple(p%nx, p%ny, change%cd, qv, vq_tl)
    call of_lateral_friction(p, w, qu, qv)
    call add_multiple(p%nx, p%ny, change%ah, qu, uq_tl)
    call add_multiple(p%nx, p%ny, change%ah, qv, vq_tl)
    call of_implicitness(p, w, step, qu, qv, qs, forcing)
    call add_multiple(p%nx, p%ny, change%wimp, qu, uq_tl)
    call add_multiple(p%nx, p%ny, change%wimp, qv, vq_tl)
    call add_multiple(p%nx, p%ny, change%wimp, qs, source_tl)
  end subroutine add_coefficients

  ! The gradient of a number with respect to the coefficients, from its gradients with respect to estimates and source.
  subroutine coefficient_gradients(p, w, step, uq_ad, vq_ad, source_ad, gradient, forcing)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(inout)  :: w                                        ! after the step; cu, cv are work
    integer, intent(in)             :: step
    real(dp), intent(in), dimension(0:p%nx+1,0:p%ny+1) :: uq_ad, vq_ad          ! 0 on closed faces
    real(dp), intent(in)            :: source_ad(0:p%nx+1,0:p%ny+1)             ! 0 where the elevation is given
    type(sw_coefficients), intent(out) :: gradient
    type(sw_forcing), intent(in), optional :: forcing
    real(dp), allocatable, dimension(:,:) :: qu, qv, qs

    allocate (qu, qv, qs, mold=w%wet)
    call of_drag(p, w, qu, qv)
    gradient%cd = product_of(p%nx, p%ny, qu, uq_ad) + product_of(p%nx, p%ny, qv, vq_ad)
    call of_lateral_friction(p, w, qu, qv)
    gradient%ah = product_of(p%nx, p%ny, qu, uq_ad) + product_of(p%nx, p%ny, qv, vq_ad)
    call of_implicitness(p, w, step, qu, qv, qs, forcing)
    gradient%wimp = product_of(p%nx, p%ny, qu, uq_ad) + product_of(p%nx, p%ny, qv, vq_ad) &
                  + product_of(p%nx, p%ny, qs, source_ad)
  end subroutine coefficient_gradients

  subroutine of_drag(p, w, qu, qv)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(in)     :: w
    real(dp), intent(inout), dimension(0:p%nx+1,0:p%ny+1) :: qu, qv             ! out: m/s
    integer :: i, j

    qu = 0
    qv = 0
    do j = 1, p%ny
      do i = 1, p%nx
        ! closed faces have h = 0: 1 - m keeps the quotient finite there
        qu(i,j) = -w%mu(i,j)*p%dt/(w%hu(i,j) + (1 - w%mu(i,j)))*w%u(i,j)*abs(w%u(i,j))
        qv(i,j) = -w%mv(i,j)*p%dt/(w%hv(i,j) + (1 - w%mv(i,j)))*w%v(i,j)*abs(w%v(i,j))
      end do
    end do
  end subroutine of_drag

  subroutine of_lateral_friction(p, w, qu, qv)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(in)     :: w
    real(dp), intent(inout), dimension(0:p%nx+1,0:p%ny+1) :: qu, qv             ! out: s/m times m/s2

    qu = 0
    qv = 0
    call laplacian(p%nx, p%ny, p%dt/(p%dx*p%dx), p%dt/(p%dy*p%dy), w%mu, w%u, qu)
    call laplacian(p%nx, p%ny, p%dt/(p%dx*p%dx), p%dt/(p%dy*p%dy), w%mv, w%v, qv)
  end subroutine of_lateral_friction

  subroutine of_implicitness(p, w, step, qu, qv, qs, forcing)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(inout)  :: w
    integer, intent(in)             :: step
    real(dp), intent(inout), dimension(0:p%nx+1,0:p%ny+1) :: qu, qv             ! out: m/s
    real(dp), intent(inout) :: qs(0:p%nx+1,0:p%ny+1)                            ! out: m
    type(sw_forcing), intent(in), optional :: forcing
    type(sw_parameters) :: end_of_step
    real(dp), allocatable, dimension(:,:) :: xu, xv
    real(dp) :: time

    qu = 0
    qv = 0
    qs = 0
    if (w%rotating) call coriolis(p%nx, p%ny, p%dt, w%f, w%mu, w%mv, w%su, w%sv, w%un - w%u, w%vn - w%v, qu, qv)
    call implicit_velocity(p%nx, p%ny, 1, 0, p%dx, p%dt, p%gravity, 1.0_dp, w%mu, w%dz, qu)
    call implicit_velocity(p%nx, p%ny, 0, 1, p%dy, p%dt, p%gravity, 1.0_dp, w%mv, w%dz, qv)
    if (w%windy) then
      allocate (xu, xv, mold=w%wet)
      time = forcing%start_time + step*p%dt
      end_of_step = p
      end_of_step%wimp = 1
      call wind_stress(end_of_step, forcing, time, forcing%start_time + (step + 1.0_dp)*p%dt, xu, xv)
      call add_wind(p%nx, p%ny, p%dt, w%mu, w%hu, xu, qu)
      call add_wind(p%nx, p%ny, p%dt, w%mv, w%hv, xv, qv)
      call wind_stress(end_of_step, forcing, time, time, xu, xv)
      call add_wind(p%nx, p%ny, -p%dt, w%mu, w%hu, xu, qu)
      call add_wind(p%nx, p%ny, -p%dt, w%mv, w%hv, xv, qv)
    end if
    call continuity(p%nx, p%ny, p%dx, p%dy, p%dt, -1.0_dp, 1.0_dp, w%hu, w%hv, w%u, w%v, w%un, w%vn, qs)
  end subroutine of_implicitness

  ! ax*(second difference along x) + ay*(second difference along y) on open faces.
  subroutine laplacian(nx, ny, ax, ay, m, u, q)
    integer, intent(in)  :: nx, ny
    real(dp), intent(in) :: ax, ay
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: m, u
    real(dp), intent(inout) :: q(0:nx+1,0:ny+1)
    integer :: i, j

    do j = 1, ny
      do i = 1, nx
        q(i,j) = m(i,j)*(ax*((u(i+1,j) - u(i,j)) - (u(i,j) - u(i-1,j))) + ay*((u(i,j+1) - u(i,j)) - (u(i,j) - u(i,j-1))))
      end do
    end do
  end subroutine laplacian

  ! total = total + factor*part
  subroutine add_multiple(nx, ny, factor, part, total)
    integer, intent(in)  :: nx, ny
    real(dp), intent(in) :: factor
    real(dp), intent(in) :: part(0:nx+1,0:ny+1)
    real(dp), intent(inout) :: total(0:nx+1,0:ny+1)
    integer :: i, j

    do j = 1, ny
      do i = 1, nx
        total(i,j) = total(i,j) + factor*part(i,j)
      end do
    end do
  end subroutine add_multiple

  ! Sum over the cells of the grid of a*b.
  pure real(dp) function product_of(nx, ny, a, b)
    integer, intent(in)  :: nx, ny
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: a, b
    integer :: i, j

    product_of = 0
    do j = 1, ny
      do i = 1, nx
        product_of = product_of + a(i,j)*b(i,j)
      end do
    end do
  end function product_of

end module shallow_water_coefficients
